-- Writes a new task, its input and its first job, or refuses it and writes nothing.
-- KEYS: record, input, tasks, the owner's tasks, index of queued, the owner's, due, queue, job,
--       sequence, spending, idempotency, changes, changed, events, then the children of each parent,
--       then the indexes of all open states
-- ARGV: the acceptance (JSON), the job's payload, the input
-- Returns what happened ('accepted', 'replayed', 'reused', 'full', 'spent'), the server's time in ms,
-- and the record, the id of the task that has the key, or the amount spent today.

local record, input, tasks, own_tasks, queued, own_queued, due, queue, job_key, sequence, spending,
  key, changes, changed, events = unpack(KEYS)
local task = cjson.decode(ARGV[1])
local now = now_ms()

-- The reply was lost and the script sent again. Something is written all the same, here and for a
-- replay, since WAITAOF speaks only for what its own connection wrote.
if redis.call('EXISTS', record) == 1 then
  redis.call('HSET', record, 'id', task.id)
  return { 'accepted', whole(now), redis.call('HGETALL', record) }
end
if task.keyed then
  local known = redis.call('HMGET', key, 'task', 'body')
  if known[1] then
    redis.call('HSET', key, 'task', known[1])
    return { known[2] == task.body and 'replayed' or 'reused', whole(now), known[1] }
  end
end
local open = 0
for index = 16 + task.parents, #KEYS do
  open = open + redis.call('ZCARD', KEYS[index])
end
if open >= task.limit then
  return { 'full', whole(now), whole(open) }
end
if task.budget then
  local spent = tonumber(redis.call('HGET', spending, whole(math.floor(now / 86400000))) or '0')
  if spent >= task.budget then
    return { 'spent', whole(now), whole(spent) }
  end
end

local seq = redis.call('INCR', sequence)
for field, value in pairs(task.put) do
  redis.call('HSET', record, field, value)
end
redis.call('HSET', record, 'seq', whole(seq), 'created_at', whole(now))
redis.call('SET', input, ARGV[3])
for _, index in ipairs({ tasks, own_tasks, queued, own_queued }) do
  redis.call('ZADD', index, whole(seq), task.id)
end
for index = 16, 15 + task.parents do
  redis.call('ZADD', KEYS[index], whole(seq), task.id)
end
redis.call('ZADD', due, whole(now + task.due), task.id)
enqueue(queue, job_key, task.job, now, ARGV[2])
if task.keyed then
  redis.call('HSET', key, 'task', task.id, 'body', task.body)
end
tell(changes, changed, events, task.id, task.put.status, '1', task.owner)
return { 'accepted', whole(now), redis.call('HGETALL', record) }
