-- Removes finished jobs and claims those that have been due longest, within the rate of all workers.
-- KEYS: queue, rate, attempts.
-- ARGV: how long (ms) a claim hides a job from other workers; the most jobs to claim; jobs a second of
--       all workers; arq's prefix of a job key; then the ids of finished jobs.
-- Returns the claimed jobs, each with its id, its payload (false if it expired) and the attempts of its
--       task without progress (false for none).

local queue, rate_key, attempts = KEYS[1], KEYS[2], KEYS[3]
local hold, room, rate, prefix = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

for index = 5, #ARGV do
  redis.call('DEL', prefix .. ARGV[index])
  redis.call('ZREM', queue, ARGV[index])
end

-- The time up to which the rate is used. Rate that stays unused for longer than this expires.
local spacing = 1000 / rate
local used_until = math.max(tonumber(redis.call('GET', rate_key) or '0'), now - math.max(200, spacing))
room = math.min(room, math.floor((now - used_until) / spacing))
if room < 1 then
  return {}
end

local claimed = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', queue, '-inf', now, 'LIMIT', 0, room)) do
  -- Hidden from other workers while it runs, and due again if this worker stops.
  redis.call('ZADD', queue, 'XX', string.format('%.0f', now + hold), id)
  local task = string.match(id, ':([^:]+)') or ''
  claimed[#claimed + 1] = { id, redis.call('GET', prefix .. id), redis.call('HGET', attempts, task) }
end
if #claimed > 0 then
  redis.call('SET', rate_key, string.format('%.3f', used_until + #claimed * spacing), 'PX', 10000)
end
return claimed
