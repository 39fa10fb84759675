-- Creates a webhook endpoint, or changes one.
-- Keys and arguments: shared/store/webhook_endpoints.py.
-- Returns 'saved', or 'missing', 'exists' or 'full' and changes nothing.

local now, endpoint = now_ms(), keys.endpoint
local exists = redis.call('EXISTS', endpoint) == 1

if args.create and exists then
  return 'exists'
elseif args.create and redis.call('ZCARD', keys.index) >= args.limit then
  return 'full'
elseif not args.create and (not exists or redis.call('HGET', endpoint, 'owner') ~= args.owner) then
  return 'missing'
end

if args.create then
  redis.call('HSET', endpoint, 'created_at', int_str(now))
  redis.call('ZADD', keys.index, int_str(now), args.id)
end
if args.keep_secret_ms then
  -- The newest first: a rotation whose reply was lost is repeated, and must not drop the secret that the
  -- receiver has.
  local previous = int_str(now + args.keep_secret_ms) .. ':' .. redis.call('HGET', endpoint, 'secret')
  for entry in string.gmatch(redis.call('HGET', endpoint, 'previous_secrets') or '', '%S+') do
    local _, count = string.gsub(previous, ' ', '')
    if tonumber(string.match(entry, '^%d+')) > now and count + 1 < args.max_previous then
      previous = previous .. ' ' .. entry
    end
  end
  redis.call('HSET', endpoint, 'previous_secrets', previous)
end
for field, value in pairs(args.set_fields) do
  redis.call('HSET', endpoint, field, value)
end
if args.disabled == true and redis.call('HEXISTS', endpoint, 'disabled_at') == 0 then
  redis.call('HSET', endpoint, 'disabled_at', int_str(now), 'disabled_reason', args.reason)
  redis.call('ZREM', keys.webhook_queue, args.id)
elseif args.disabled == false and redis.call('HEXISTS', endpoint, 'disabled_at') == 1 then
  redis.call('HDEL', endpoint, 'disabled_at', 'disabled_reason', 'failing_since')
  for _, event in ipairs(redis.call('ZRANGE', keys.pending, 0, -1)) do
    redis.call('ZADD', keys.pending, int_str(now), event)
  end
  if redis.call('EXISTS', keys.pending) == 1 then
    queue_webhooks(args.id, now)
  end
end
return 'saved'
