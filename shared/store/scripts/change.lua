-- Changes one task's record, its place in the indexes and the job that follows, or nothing at all.
-- KEYS: record, index of the status before, of the status after, the owner's of both, due, queue,
--       job, response, spending, reserved, budgets, owners who may spend, waiting, samples, the
--       owner's, starts, task of the response, history, changes, changed, events
-- ARGV: the change (JSON), the job's payload, the response
-- Returns what happened ('applied', 'stale', 'missing', for a claim also 'unsettled', 'restored',
-- 'no_token' and 'over'), the server's time in ms, the record.

local record, from, to, own_from, own_to, due, queue, job_key, response, spending, reserved, budgets,
  active_owners, waiting, samples, own_samples, starts, task_of, history, changes, changed, events = unpack(KEYS)
local change = cjson.decode(ARGV[1])
local now = now_ms()

local function answer(outcome)
  return { outcome, whole(now), redis.call('HGETALL', record) }
end

if redis.call('EXISTS', record) == 0 then
  return answer('missing')
end
-- The reply to this very change was lost and the script sent again: it has been carried out. The
-- token is written once more, since WAITAOF speaks only for what its own connection wrote.
if redis.call('HGET', record, 'change_token') == change.token then
  redis.call('HSET', record, 'change_token', change.token)
  return answer('applied')
end
for field, value in pairs(change.expect) do
  if redis.call('HGET', record, field) ~= value then
    return answer('stale')
  end
end
-- A claim names what its poller remembers. A store that lacks some of it was rolled back, and one
-- that was started anew may have been (compare_epoch.lua): what waits in it may have been sent.
if change.mark then
  local id, claims, before, run, opens_at =
    unpack(redis.call('HMGET', history, 'id', 'claims', 'before', 'run', 'opens_at'))
  if
    id ~= change.mark.epoch
    or tonumber(claims) < change.mark.claims
    or run ~= this_run()
    or now < tonumber(opens_at)
  then
    return answer('unsettled')
  end
  if tonumber(redis.call('HGET', record, 'seq')) <= tonumber(before) then
    return answer('restored')
  end
end
-- Nothing is spent for an owner without a token, where there are tokens.
if
  change.reserve
  and change.owner ~= ''
  and redis.call('EXISTS', active_owners) == 1
  and redis.call('SISMEMBER', active_owners, change.owner) == 0
then
  return answer('no_token')
end
-- What today's tasks cost, what those under way are expected to, and this one: no budget may be
-- less. Today's reservations count whenever they were made: what they become is today's cost.
if change.reserve then
  local day = ledger(spending, now)
  local function over(scope)
    local budget = redis.call('HGET', budgets, scope)
    local spent = redis.call('HGET', day, 'spent:' .. scope) or '0'
    local held = redis.call('HGET', reserved, scope) or '0'
    return budget and tonumber(spent) + tonumber(held) + change.reserve > tonumber(budget)
  end
  if over('*') or over(change.owner) then
    return answer('over')
  end
  redis.call('HSET', record, 'reserved', whole(change.reserve))
  redis.call('HINCRBY', reserved, '*', whole(change.reserve))
  redis.call('HINCRBY', reserved, change.owner, whole(change.reserve))
end
if change.mark then
  redis.call('HSET', record, 'claim_number', redis.call('HINCRBY', history, 'claims', 1))
end

redis.call('HSET', record, 'status', change.status, 'change_token', change.token)
for field, value in pairs(change.put) do
  if value then
    redis.call('HSET', record, field, value)
  else
    redis.call('HDEL', record, field)
  end
end
for field, delay in pairs(change.at) do
  redis.call('HSET', record, field, whole(now + delay))
end
if change.visible then
  local version = redis.call('HINCRBY', record, 'version', 1)
  tell(changes, changed, events, change.id, change.status, whole(version), change.owner)
end
if from ~= to then
  local seq = redis.call('HGET', record, 'seq')
  for _, index in ipairs({ from, own_from }) do
    redis.call('ZREM', index, change.id)
  end
  for _, index in ipairs({ to, own_to }) do
    redis.call('ZADD', index, seq, change.id)
  end
end
if change.due then
  redis.call('ZADD', due, whole(now + change.due), change.id)
else
  redis.call('ZREM', due, change.id)
end
if change.job then
  enqueue(queue, job_key, change.job, now, ARGV[2])
end
if ARGV[3] ~= '' then
  redis.call('SET', response, ARGV[3])
end
if change.put.response_id then
  redis.call('SET', task_of, change.id)
end
if change.progress then
  redis.call('HDEL', starts, change.id)
end
-- The job by which it waits for the budget, as long as it does.
local waits = redis.call('HGET', record, 'budget_job')
if waits then
  redis.call('ZREM', waiting, waits)
  redis.call('HDEL', record, 'budget_job')
end
if change.waits then
  redis.call('HSET', record, 'budget_job', change.job.id)
  redis.call('ZADD', waiting, redis.call('HGET', record, 'seq'), change.job.id)
end
local released = change.settled and release(record, reserved, waiting, queue, change.owner, now)
if change.booking then
  book(record, spending, now, change.owner, change.booking, released)
end
if change.sample then
  local began = redis.call('HGET', record, 'submitted_at')
  local took = change.sample.took or (began and math.max(now - began, 0))
  if took then
    local function figure(name)
      return change.sample[name] and whole(change.sample[name]) or ''
    end
    local sample = table.concat({
      whole(took), figure('cost'), began or '0', figure('output_cost'), change.owner,
    }, ' ')
    for _, list in ipairs(change.owner == '' and { samples } or { samples, own_samples }) do
      redis.call('LPUSH', list, sample)
      redis.call('LTRIM', list, 0, change.sample.kept - 1)
    end
  end
end
return answer('applied')
