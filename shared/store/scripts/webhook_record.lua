-- Records what came of one delivery: confirmed, to be repeated, or given up.
-- Keys and arguments: shared/store/webhook_deliveries.py.
-- Returns 1, or 0 if the endpoint or the event is gone.

local now = now_ms()
if redis.call('EXISTS', keys.endpoint) == 0 or not redis.call('ZSCORE', keys.pending, args.event) then
  return 0
end
redis.call('LPUSH', keys.log, int_str(now) .. ' ' .. args.entry)
redis.call('LTRIM', keys.log, 0, args.log_size - 1)
if args.retry_after then
  redis.call('ZADD', keys.pending, int_str(now + args.retry_after), args.event)
  redis.call('HINCRBY', keys.attempts, args.event, 1)
else
  redis.call('ZREM', keys.pending, args.event)
  redis.call('HDEL', keys.events, args.event)
  redis.call('HDEL', keys.attempts, args.event)
end
if args.delivered then
  redis.call('HDEL', keys.endpoint, 'failing_since')
elseif args.counts then
  redis.call('HSETNX', keys.endpoint, 'failing_since', int_str(now))
end
if args.disable_reason and redis.call('HEXISTS', keys.endpoint, 'disabled_at') == 0 then
  redis.call('HSET', keys.endpoint, 'disabled_at', int_str(now), 'disabled_reason', args.disable_reason)
end
return 1
