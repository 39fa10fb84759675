-- Removes finished jobs and claims those that have been due longest, within the rate of all workers.
-- KEYS: queue, rate, attempts.
-- ARGV: how long (ms) a claim hides a job from other workers; the most jobs to claim; jobs a second of
--       all workers; arq's prefix of a job key; then of each finished job its id and when its claim expires.
-- Returns the claimed jobs, each with its id, when the claim expires, its payload (false if that expired)
--       and the attempts of its task without progress (false for none).

local queue, rate_key, attempts = KEYS[1], KEYS[2], KEYS[3]
local hold, room, rate, prefix = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

for index = 5, #ARGV, 2 do
  local id = ARGV[index]
  local due = redis.call('ZSCORE', queue, id)
  -- Added again under the same id since its claim, it has another time and is another job.
  if not due or tonumber(due) == tonumber(ARGV[index + 1]) then
    redis.call('DEL', prefix .. id)
    redis.call('ZREM', queue, id)
  end
end

-- The time up to which the rate is used. Rate that stays unused for longer than this expires.
local spacing = 1000 / rate
local used_until = math.max(tonumber(redis.call('GET', rate_key) or '0'), now - math.max(200, spacing))
room = math.min(room, math.floor((now - used_until) / spacing))
if room < 1 then
  return {}
end

local claimed, expires = {}, string.format('%.0f', now + hold)
for _, id in ipairs(redis.call('ZRANGEBYSCORE', queue, '-inf', now, 'LIMIT', 0, room)) do
  -- Hidden from other workers while it runs, and due again if this worker stops.
  redis.call('ZADD', queue, 'XX', expires, id)
  local task = string.match(id, ':([^:]+)') or ''
  claimed[#claimed + 1] =
    { id, expires, redis.call('GET', prefix .. id), redis.call('HGET', attempts, task) }
end
if #claimed > 0 then
  redis.call('SET', rate_key, string.format('%.3f', used_until + #claimed * spacing), 'PX', 10000)
end
return claimed
