-- Forgets jobs that are done, and takes due ones, so that no other worker runs them.
-- KEYS: queue. ARGV: the time (ms), how long (ms) a job is this worker's alone, arq's prefixes of
--       locks, jobs and tries, how many of the ids that follow are done; the rest are those to take.
-- Returns the jobs taken, each as its id and payload (false where it outlived its payload).

local queue = KEYS[1]
local now, hold, lock, job, tries, done = unpack(ARGV, 1, 6)
local taken = {}

for index = 7, 6 + done do
  local id = ARGV[index]
  redis.call('DEL', lock .. id, job .. id, tries .. id)
  redis.call('ZREM', queue, id)
end

for index = 7 + done, #ARGV do
  local id = ARGV[index]
  local due = redis.call('ZSCORE', queue, id)
  if due and tonumber(due) <= tonumber(now) and redis.call('SET', lock .. id, '1', 'NX', 'PX', hold) then
    -- Out of the others' sight while it runs, and due again should this worker die.
    redis.call('ZADD', queue, 'XX', string.format('%.0f', now + hold), id)
    taken[#taken + 1] = { id, redis.call('GET', job .. id) }
  end
end
return taken
