-- Changes one task's record, its indexes and its next job, or changes nothing.
-- Keys and arguments: shared/store/writes.py.
-- Returns what happened ('applied', 'stale', 'missing'; for a claim also 'rollback_check_pending',
-- 'maybe_sent', 'owner_without_token' and 'budget_exceeded'; for a response id
-- 'response_of_another_task'), the server's time in ms, the record.

local change, record = args, keys.record
local now = now_ms()

local function answer(outcome)
  return { outcome, int_str(now), redis.call('HGETALL', record) }
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
if is_stale() then
  return answer('stale')
end
if change.exclusive then
  local task = redis.call('GET', keys.response_task)
  if task and task ~= change.id then
    return answer('response_of_another_task')
  end
end
-- A claim carries its poller's epoch mark. A store behind that mark was rolled back, and a restarted
-- store may have been (compare_epoch.lua): its queued tasks may have been sent already.
if change.mark then
  local id, claims, before, run, opens_at =
    unpack(redis.call('HMGET', keys.epoch, 'id', 'claims', 'before', 'run', 'opens_at'))
  if
    id ~= change.mark.epoch
    or tonumber(claims) < change.mark.claims
    or run ~= server_run_id()
    or now < tonumber(opens_at)
  then
    return answer('rollback_check_pending')
  end
  if tonumber(redis.call('HGET', record, 'seq')) <= tonumber(before) then
    return answer('maybe_sent')
  end
end

-- Nothing is spent for an owner without a token, where there are tokens.
if
  change.reserve
  and change.owner ~= ''
  and redis.call('EXISTS', keys.active_owners) == 1
  and redis.call('SISMEMBER', keys.active_owners, change.owner) == 0
then
  return answer('owner_without_token')
end
-- What today's tasks cost, what those under way are expected to, and this one: no budget may be
-- less. Today's reservations count whenever they were made: what they become is today's cost.
if change.reserve then
  local day = ledger_key(now)
  local function exceeds_budget(scope)
    local budget = redis.call('HGET', keys.budgets, scope)
    local spent = redis.call('HGET', day, 'spent:' .. scope) or '0'
    local held = redis.call('HGET', keys.reserved, scope) or '0'
    return budget and tonumber(spent) + tonumber(held) + change.reserve > tonumber(budget)
  end
  if exceeds_budget('*') or exceeds_budget(change.owner) then
    return answer('budget_exceeded')
  end
  redis.call('HSET', record, 'reserved', int_str(change.reserve))
  redis.call('HINCRBY', keys.reserved, '*', int_str(change.reserve))
  redis.call('HINCRBY', keys.reserved, change.owner, int_str(change.reserve))
end
if change.mark then
  redis.call('HSET', record, 'claim_number', redis.call('HINCRBY', keys.epoch, 'claims', 1))
end

redis.call('HSET', record, 'status', change.status, 'change_token', change.token)
for field, value in pairs(change.set_fields) do
  if value then
    redis.call('HSET', record, field, value)
  else
    redis.call('HDEL', record, field)
  end
end
for field, delay in pairs(change.set_times) do
  redis.call('HSET', record, field, int_str(now + delay))
end
if change.visible then
  local version = redis.call('HINCRBY', record, 'version', 1)
  publish(change.id, change.status, int_str(version), change.owner)
end
if change.status ~= change.expect.status then
  local seq = redis.call('HGET', record, 'seq')
  for _, index in ipairs(keys.indexes_before) do
    redis.call('ZREM', index, change.id)
  end
  for _, index in ipairs(keys.indexes_after) do
    redis.call('ZADD', index, seq, change.id)
  end
end
if change.sweep_after then
  redis.call('ZADD', keys.sweep_queue, int_str(now + change.sweep_after), change.id)
else
  redis.call('ZREM', keys.sweep_queue, change.id)
end
if change.job then
  enqueue(now)
end
if blobs.response ~= '' then
  count_stored_bytes(#blobs.response - redis.call('STRLEN', keys.response))
  redis.call('SET', keys.response, blobs.response)
end
if change.set_fields.response_id then
  redis.call('SET', keys.response_task, change.id)
end
if change.progress then
  redis.call('HDEL', keys.job_starts, change.id)
end
if change.waits_for_provider then
  redis.call('ZADD', keys.waiting, 'NX', int_str(now), change.id)
else
  redis.call('ZREM', keys.waiting, change.id)
end
-- The job by which it waits for the budget, as long as it does.
local budget_job = redis.call('HGET', record, 'budget_job')
if budget_job then
  redis.call('ZREM', keys.budget_queue, budget_job)
  redis.call('HDEL', record, 'budget_job')
end
if change.waits_for_budget then
  redis.call('HSET', record, 'budget_job', change.job.id)
  redis.call('ZADD', keys.budget_queue, redis.call('HGET', record, 'seq'), change.job.id)
end
local released = change.settled and release_reservation(now)
if change.booking then
  record_spending(now, released)
end
if change.sample then
  local began = redis.call('HGET', record, 'submitted_at')
  local duration_ms = change.sample.duration_ms or (began and math.max(now - began, 0))
  if duration_ms then
    local function figure(name)
      return change.sample[name] and int_str(change.sample[name]) or ''
    end
    local sample = table.concat({
      int_str(duration_ms), figure('cost'), began or '0', figure('output_cost'), change.owner,
    }, ' ')
    for _, list in ipairs(keys.samples) do
      redis.call('LPUSH', list, sample)
      redis.call('LTRIM', list, 0, change.sample.kept - 1)
    end
  end
end
-- The event is written with the change that it tells of, so no crash separates them.
local function owner_has_token()
  return change.owner == ''
    or redis.call('EXISTS', keys.active_owners) == 0
    or redis.call('SISMEMBER', keys.active_owners, change.owner) == 1
end
if change.webhook_event and owner_has_token() then
  local named = redis.call('HGET', record, 'webhook_endpoint')
  for _, id in ipairs(redis.call('ZRANGE', keys.webhook_endpoints, 0, -1)) do
    local events, tasks, disabled_at =
      unpack(redis.call('HMGET', keys.webhook_endpoint .. ':' .. id, 'events', 'tasks', 'disabled_at'))
    local wanted = events and string.find(' ' .. events .. ' ', ' ' .. change.webhook_event.type .. ' ', 1, true)
    if wanted and not disabled_at and (tasks == 'all' or id == named) then
      add_webhook_event(id, change.webhook_event, now)
    end
  end
end
return answer('applied')
