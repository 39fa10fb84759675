-- Writes an event by which an owner tries a webhook endpoint.
-- Keys and arguments: shared/store/webhook_endpoints.py.
-- Returns 'added', or 'missing', 'disabled' or 'full' and changes nothing.

local endpoint = keys.webhook_endpoint .. ':' .. args.endpoint
if redis.call('HGET', endpoint, 'owner') ~= args.owner then
  return 'missing'
elseif redis.call('HEXISTS', endpoint, 'disabled_at') == 1 then
  return 'disabled'
elseif redis.call('ZCARD', endpoint .. ':pending') >= args.event.limit then
  return 'full'
end
add_webhook_event(args.endpoint, args.event, now_ms())
return 'added'
