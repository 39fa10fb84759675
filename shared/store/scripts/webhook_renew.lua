-- Keeps a webhook endpoint for the poller that sends to it.
-- Keys and arguments: shared/store/webhook_deliveries.py.
-- Returns 1, or 0 if another poller has the endpoint.

if redis.call('HGET', keys.endpoint, 'lease') ~= args.token then
  return 0
end
local until_ms = int_str(now_ms() + args.lease_ms)
redis.call('HSET', keys.endpoint, 'leased_until', until_ms)
redis.call('ZADD', keys.webhook_queue, 'XX', until_ms, args.id)
return 1
