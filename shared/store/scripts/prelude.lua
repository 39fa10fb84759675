-- What the scripts need: the server's clock, which run of the server this is, a job written the way
-- arq reads it, the news of a change, and the books.

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

-- The ledger of a day; its key is known only here, where the time is. Clusters are not supported.
local function ledger(spending, now)
  return spending .. ':' .. whole(math.floor(now / 86400000))
end

-- Adds to the ledger of a day. Each day has its totals too ('*': everybody's), so that a claim need
-- not add up what an installation with many owners has spent. An estimate counts as spent.
local function add_to_ledger(day, owner, outcome, figures)
  for figure, amount in pairs(figures) do
    if amount ~= 0 then
      redis.call('HINCRBY', day, figure .. ':' .. outcome .. ':' .. owner, whole(amount))
    end
  end
  local spent = (figures.cost or 0) + (figures.estimated or 0)
  if spent ~= 0 then
    redis.call('HINCRBY', day, 'spent:*', whole(spent))
    redis.call('HINCRBY', day, 'spent:' .. owner, whole(spent))
  end
end

-- Books what came of a task. Where nobody knows its cost, what was reserved for it (`released`)
-- counts as an estimate. A cost that becomes known later replaces that, on the day of the estimate:
-- of today's budget it would otherwise take less than the cost, or give some back.
local function book(record, spending, now, owner, booking, released)
  local day = ledger(spending, now)
  local figures = { cost = booking.cost, tasks = booking.tasks }
  if booking.priced then
    local estimated, on = unpack(redis.call('HMGET', record, 'estimated_cost', 'estimated_on'))
    if estimated then
      add_to_ledger(on, owner, booking.outcome, { estimated = -estimated, unpriced = -1 })
      redis.call('HDEL', record, 'estimated_cost', 'estimated_on')
    end
  elseif booking.unpriced > 0 and released then
    figures.estimated, figures.unpriced = tonumber(released), booking.unpriced
    redis.call('HSET', record, 'estimated_cost', released, 'estimated_on', day)
  end
  add_to_ledger(day, owner, booking.outcome, figures)
end

-- Gives back what is reserved for a task, and has those that have waited longest for the budget tried
-- again at once. Returns how much it was, or false if nothing is reserved.
local function release(record, reserved, waiting, queue, owner, now)
  local amount = redis.call('HGET', record, 'reserved')
  if not amount then
    return false
  end
  redis.call('HDEL', record, 'reserved')
  redis.call('HINCRBY', reserved, '*', '-' .. amount)
  redis.call('HINCRBY', reserved, owner, '-' .. amount)
  for _, id in ipairs(redis.call('ZRANGE', waiting, 0, 7)) do
    redis.call('ZADD', queue, 'XX', whole(now), id)
  end
  return amount
end
