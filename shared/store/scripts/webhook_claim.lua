-- Gives a poller the webhook endpoints whose turn it is; each is its own as long as it renews the lease
-- (webhook_renew.lua).
-- Keys and arguments: shared/store/webhook_deliveries.py.
-- Returns the ids.

local now = now_ms()
local ids = redis.call('ZRANGEBYSCORE', keys.webhook_queue, '-inf', int_str(now), 'LIMIT', 0, args.room)
for _, id in ipairs(ids) do
  local until_ms = int_str(now + args.lease_ms)
  redis.call('ZADD', keys.webhook_queue, 'XX', until_ms, id)
  if redis.call('EXISTS', keys.webhook_endpoint .. ':' .. id) == 1 then
    redis.call('HSET', keys.webhook_endpoint .. ':' .. id, 'leased_until', until_ms, 'lease', args.token)
  end
end
return ids
