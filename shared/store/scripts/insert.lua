-- Writes a new task, its input and its first job, or refuses it and writes nothing.
-- KEYS: record, input, tasks, the owner's tasks, index of queued, the owner's, due, queue, job,
--       sequence, idempotency, changes, changed, events, tombstone, then the record and the
--       children of each parent, then the indexes of all open states
-- ARGV: the acceptance (JSON), the job's payload, the input
-- Returns what happened ('accepted', 'replayed', 'reused', 'full'), the server's time in ms, and the
-- record, the id of the task that has the key, or the number of open tasks.

local record, input, tasks, own_tasks, queued, own_queued, due, queue, job_key, sequence, key,
  changes, changed, events, tombstone = unpack(KEYS)
local task = cjson.decode(ARGV[1])
local now = now_ms()

-- The reply was lost and the script sent again. Something is written all the same, here and for a
-- replay, since WAITAOF speaks only for what its own connection wrote.
if redis.call('EXISTS', record) == 1 then
  redis.call('HSET', record, 'id', task.id)
  return { 'accepted', whole(now), redis.call('HGETALL', record) }
end
-- The same, so late that the task has been deleted since.
if redis.call('EXISTS', tombstone) == 1 then
  return { 'replayed', whole(now), task.id }
end
if task.keyed then
  local known = redis.call('HMGET', key, 'task', 'body')
  if known[1] then
    redis.call('HSET', key, 'task', known[1])
    return { known[2] == task.body and 'replayed' or 'reused', whole(now), known[1] }
  end
end
local open = 0
for index = 16 + 2 * task.parents, #KEYS do
  open = open + redis.call('ZCARD', KEYS[index])
end
if open >= task.limit then
  return { 'full', whole(now), whole(open) }
end

local seq = redis.call('INCR', sequence)
redis.call('HSET', record, 'seq', whole(seq), 'created_at', whole(now), unpack(task.put))
redis.call('SET', input, ARGV[3])
for _, index in ipairs({ tasks, own_tasks, queued, own_queued }) do
  redis.call('ZADD', index, whole(seq), task.id)
end
for index = 16, 14 + 2 * task.parents, 2 do
  if redis.call('EXISTS', KEYS[index]) == 1 then -- nothing is added to one that was just deleted
    redis.call('ZADD', KEYS[index + 1], whole(seq), task.id)
  end
end
redis.call('ZADD', due, whole(now + task.due), task.id)
enqueue(queue, job_key, task.job, now, ARGV[2])
if task.keyed then
  redis.call('HSET', key, 'task', task.id, 'body', task.body)
end
tell(changes, changed, events, task.id, 'queued', '1', task.owner)
return { 'accepted', whole(now), redis.call('HGETALL', record) }
