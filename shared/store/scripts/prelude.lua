-- What the scripts need: the server's clock, which run of the server this is, and a job written the
-- way arq reads it.

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Each start of a server has an id of its own.
local function this_run()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
end

-- Lua would write a large number as 1.7e+12.
local function whole(number)
  return string.format('%.0f', number)
end

local function enqueue(queue, job_key, job, now, payload)
  redis.call('SET', job_key, payload, 'PX', whole(job.delay + job.life))
  redis.call('ZADD', queue, whole(now + job.delay), job.id)
end
