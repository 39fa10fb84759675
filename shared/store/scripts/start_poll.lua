-- Reads a record for a poll, and counts the start of its job if the record is as expected.
-- Keys and arguments: shared/store/writes.py.
-- Returns the server's time in ms, the record, 1 if the record was as expected.

local fields = redis.call('HGETALL', keys.record)
local current = #fields > 0 and not is_stale()
if current then
  redis.call('HINCRBY', keys.job_starts, args.id, 1)
end
return { int_str(now_ms()), fields, current and 1 or 0 }
