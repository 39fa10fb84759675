-- Precedes every script. ARGV[1] is a JSON object: `args` are the arguments, `keys` and `blobs` name
-- KEYS and the rest of ARGV in their order; a name with a count stands for a list of keys.

local request = cjson.decode(ARGV[1])
local args, keys, blobs = request.args, {}, {}
local next_key = 1
for _, name in ipairs(request.keys) do
  if type(name) == 'table' then
    keys[name[1]] = { unpack(KEYS, next_key, next_key + name[2] - 1) }
    next_key = next_key + name[2]
  else
    keys[name] = KEYS[next_key]
    next_key = next_key + 1
  end
end
for index, name in ipairs(request.blobs) do
  blobs[name] = ARGV[index + 1]
end

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Each start of a server has an id of its own.
local function server_run_id()
  return string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
end

-- tostring would write a large number as 1.7e+12.
local function int_str(number)
  return string.format('%.0f', number)
end

-- Writes `args.job` and its payload the way arq reads them.
local function enqueue(now)
  local job = args.job
  redis.call('SET', keys.job, blobs.payload, 'PX', int_str(job.delay + job.life))
  redis.call('ZADD', keys.queue, int_str(now + job.delay), job.id)
end

-- Whether the record differs from `args.expect` (a value of false: the field must be absent).
local function is_stale()
  for field, value in pairs(args.expect) do
    if redis.call('HGET', keys.record, field) ~= value then
      return true
    end
  end
  return false
end

-- Counts a change that readers can see and adds it to the stream. Its number is its id there, so that
-- a reader notices a gap.
local function publish(id, status, version, owner)
  local number = int_str(redis.call('INCR', keys.change_counter))
  redis.call('ZADD', keys.change_index, number, id)
  local function add()
    return redis.pcall('XADD', keys.events, 'MAXLEN', '~', '10000', number .. '-0',
      'task', id, 'status', status, 'version', version, 'owner', owner)
  end
  -- XADD fails only where the counter was set back by hand, behind the stream: then the stream of
  -- earlier events is dropped, and readers start again.
  if type(add()) == 'table' then
    redis.call('DEL', keys.events)
    add()
  end
end

-- Counts what is kept of the texts of a task, for the share of its owner. A task of an earlier version
-- counts nothing.
local function count_stored_bytes(amount)
  if args.owner == '' or amount == 0 then
    return
  end
  redis.call('HINCRBY', keys.record, 'stored_bytes', int_str(amount))
  if redis.call('HINCRBY', keys.stored_bytes, args.owner, int_str(amount)) == 0 then
    redis.call('HDEL', keys.stored_bytes, args.owner)
  end
end

-- The ledger of today (UTC). Its key depends on the server's time, so it cannot be in KEYS; clusters
-- are not supported.
local function ledger_key(now)
  return keys.spending .. ':' .. int_str(math.floor(now / 86400000))
end

-- Adds to the ledger of a day. Each day has its totals too ('*': everybody's), so that a claim need
-- not add up what an installation with many owners has spent. An estimate counts as spent.
local function add_to_ledger(day, owner, outcome, figures)
  for figure, amount in pairs(figures) do
    if amount ~= 0 then
      redis.call('HINCRBY', day, figure .. ':' .. outcome .. ':' .. owner, int_str(amount))
    end
  end
  local spent = (figures.cost or 0) + (figures.estimated or 0)
  if spent ~= 0 then
    redis.call('HINCRBY', day, 'spent:*', int_str(spent))
    redis.call('HINCRBY', day, 'spent:' .. owner, int_str(spent))
  end
end

-- Books what came of a task. Where nobody knows its cost, what was reserved for it (`released`)
-- counts as an estimate. A cost that becomes known later replaces that, on the day of the estimate:
-- of today's budget it would otherwise take less than the cost, or give some back.
local function record_spending(now, released)
  local record, owner, booking = keys.record, args.owner, args.booking
  local day = ledger_key(now)
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
local function release_reservation(now)
  local record, owner = keys.record, args.owner
  local amount = redis.call('HGET', record, 'reserved')
  if not amount then
    return false
  end
  redis.call('HDEL', record, 'reserved')
  redis.call('HINCRBY', keys.reserved, '*', '-' .. amount)
  redis.call('HINCRBY', keys.reserved, owner, '-' .. amount)
  for _, id in ipairs(redis.call('ZRANGE', keys.budget_queue, 0, 7)) do
    redis.call('ZADD', keys.queue, 'XX', int_str(now), id)
  end
  return amount
end

-- Gives a webhook endpoint its turn, unless a poller is sending to it: that one sets the next turn itself
-- (webhook_release.lua).
local function queue_webhooks(endpoint_id, now)
  local leased_until = redis.call('HGET', keys.webhook_endpoint .. ':' .. endpoint_id, 'leased_until')
  local due = redis.call('ZSCORE', keys.webhook_queue, endpoint_id)
  if (not leased_until or tonumber(leased_until) <= now) and (not due or tonumber(due) > now) then
    redis.call('ZADD', keys.webhook_queue, int_str(now), endpoint_id)
  end
end

-- Writes an event for a webhook endpoint. Which endpoints there are only the store knows, so their keys
-- cannot be in KEYS. One that takes nothing for long is disabled, not fed without limit.
local function add_webhook_event(endpoint_id, event, now)
  local endpoint = keys.webhook_endpoint .. ':' .. endpoint_id
  if redis.call('ZCARD', endpoint .. ':pending') >= event.limit then
    redis.call('HSET', endpoint, 'disabled_at', int_str(now), 'disabled_reason', event.full)
    redis.call('ZREM', keys.webhook_queue, endpoint_id)
    return
  end
  redis.call('HSET', endpoint .. ':events', event.id, int_str(now) .. ' ' .. event.data)
  redis.call('ZADD', endpoint .. ':pending', int_str(now), event.id)
  queue_webhooks(endpoint_id, now)
end
