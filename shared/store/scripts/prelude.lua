-- What the scripts need: the server's clock, which run of the server this is, a job written the way
-- arq reads it, and the news of a change.

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

-- Numbers a change that readers can see, and tells them. The number is the id in the stream, so a
-- reader can see that something is missing between two of them.
local function tell(changes, changed, events, id, status, version, owner)
  local number = whole(redis.call('INCR', changes))
  redis.call('ZADD', changed, number, id)
  local function add()
    return redis.pcall('XADD', events, 'MAXLEN', '~', '10000', number .. '-0',
      'task', id, 'status', status, 'version', version, 'owner', owner)
  end
  -- The one refusal is that of a stream ahead of its counter, which somebody's hand has set back:
  -- a change is worth more than the news of earlier ones.
  if type(add()) == 'table' then
    redis.call('DEL', events)
    add()
  end
end
