-- Ends a poller's turn with a webhook endpoint, and sets the next one.
-- Keys and arguments: shared/store/webhook_deliveries.py.

local now = now_ms()
local lease, disabled_at = unpack(redis.call('HMGET', keys.endpoint, 'lease', 'disabled_at'))
if lease and lease ~= args.token then
  return 0 -- the lease ended, and another poller has the endpoint
end
redis.call('HDEL', keys.endpoint, 'lease', 'leased_until')
local first = redis.call('ZRANGE', keys.pending, 0, 0, 'WITHSCORES')
if disabled_at or #first == 0 then
  redis.call('ZREM', keys.webhook_queue, args.id)
else
  -- Not earlier than now: endpoints whose turn has come already go first.
  redis.call('ZADD', keys.webhook_queue, int_str(math.max(now, tonumber(first[2]))), args.id)
end
return 1
