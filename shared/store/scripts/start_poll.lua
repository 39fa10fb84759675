-- Reads a record for a job that was started, and counts the start if the record is as expected.
-- KEYS: record, starts. ARGV: the task's id, then fields and the values that they should have.
-- Returns the server's time in ms, the record, 1 if it was as expected.

local record = redis.call('HGETALL', KEYS[1])
local current = #record > 0 and 1 or 0
for index = 2, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[index]) ~= ARGV[index + 1] then
    current = 0
  end
end
if current == 1 then
  redis.call('HINCRBY', KEYS[2], ARGV[1], 1)
end
return { whole(now_ms()), record, current }
