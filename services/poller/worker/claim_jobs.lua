-- Forgets jobs that are done, and takes those that have been due longest, so that no other worker
-- runs them: never more in a second than the whole fleet may ask of the provider.
-- KEYS: queue, pace, starts. ARGV: how long (ms) a job is this worker's alone, how many it has room for, how
--       many a second the fleet may take, arq's prefix of a job, then the ids of those that are done.
-- Returns the jobs taken, each as its id, its payload (false where it outlived its payload) and how
--       many jobs of its task were started since anything came of one (false for none).

local queue, pace, starts = KEYS[1], KEYS[2], KEYS[3]
local hold, room, rate, prefix = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

for index = 5, #ARGV do
  redis.call('DEL', prefix .. ARGV[index])
  redis.call('ZREM', queue, ARGV[index])
end

-- The time up to which the rate is used up; what was left unused for longer than this is lost.
local apart = 1000 / rate
local used_up = math.max(tonumber(redis.call('GET', pace) or '0'), now - math.max(200, apart))
room = math.min(room, math.floor((now - used_up) / apart))
if room < 1 then
  return {}
end

local taken = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', queue, '-inf', now, 'LIMIT', 0, room)) do
  -- Out of the others' sight while it runs, and due again should this worker die.
  redis.call('ZADD', queue, 'XX', string.format('%.0f', now + hold), id)
  local task = string.match(id, ':([^:]+)') or ''
  taken[#taken + 1] = { id, redis.call('GET', prefix .. id), redis.call('HGET', starts, task) }
end
if #taken > 0 then
  redis.call('SET', pace, string.format('%.3f', used_up + #taken * apart), 'PX', 10000)
end
return taken
