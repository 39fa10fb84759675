-- Writes a new task, its input and its first job, or refuses it and writes nothing.
-- Keys and arguments: shared/store/writes.py.
-- Returns what happened ('inserted', 'replayed', 'reused', 'full', 'owner_full', 'owner_store_full') and
-- the record, the id of the task that has the idempotency key, or how much there is of what is limited.

local task, record = args, keys.record
local now = now_ms()

-- Without one of these rights it would stop half-way, or write a task that nobody confirms. (Redis
-- itself checks the keys before it runs a script.) Each has all its arguments: Valkey 9.1.2 crashes
-- over a SET without a key here.
local rights = {
  { 'DEL', record }, { 'HDEL', record, 'f' }, { 'HINCRBY', record, 'f', '1' }, { 'HSET', record, 'f', '1' },
  { 'INCR', record }, { 'PEXPIRE', record, '1' }, { 'SET', record, '1' }, { 'XADD', record, '*', 'f', '1' },
  { 'ZADD', record, '1', 'f' },
}
if task.confirmed then
  rights[#rights + 1] = { 'INFO', 'replication' }
  rights[#rights + 1] = { 'WAITAOF', '1', '0', '1' }
  rights[#rights + 1] = { 'WAIT', '0', '1' }
end
for _, right in ipairs(redis.acl_check_cmd and rights or {}) do
  if not redis.acl_check_cmd(unpack(right)) then
    return redis.error_reply('NOPERM The user may not run the ' .. right[1] .. ' command')
  end
end

-- The reply was lost and the script sent again. Something is written all the same, here and for a
-- replay, since WAITAOF speaks only for what its own connection wrote.
if redis.call('EXISTS', record) == 1 then
  redis.call('HSET', record, 'id', task.id)
  return { 'inserted', redis.call('HGETALL', record) }
end
-- The same, so late that the task has been deleted since.
if redis.call('EXISTS', keys.tombstone) == 1 then
  return { 'replayed', task.id }
end
if keys.idempotency then
  local known = redis.call('HMGET', keys.idempotency, 'task', 'body')
  if known[1] then
    redis.call('HSET', keys.idempotency, 'task', known[1])
    return { known[2] == task.fingerprint and 'replayed' or 'reused', known[1] }
  end
end
-- Without a key, a retry that its client marks as one joins the newest task with the same body. So does
-- a request that arrived before such a retry created a task: the first attempt may run here last.
if keys.same_body then
  local known, retried_at = unpack(redis.call('HMGET', keys.same_body, 'task', 'retried_at'))
  if known and (task.is_retry or (retried_at and tonumber(retried_at) >= task.received_at)) then
    redis.call('HSET', keys.same_body, 'task', known)
    return { 'replayed', known }
  end
end
local function count(indexes)
  local open = 0
  for _, index in ipairs(indexes) do
    open = open + redis.call('ZCARD', index)
  end
  return open
end
local owned = count(keys.owner_open)
if task.owner_limit and owned >= task.owner_limit then
  return { 'owner_full', int_str(owned) }
end
local stored = tonumber(redis.call('HGET', keys.stored_bytes, task.owner) or '0') + #blobs.input
if task.owner_max_bytes and stored > task.owner_max_bytes then
  return { 'owner_store_full', int_str(stored) }
end
local open = count(keys.open)
if open >= task.limit then
  return { 'full', int_str(open) }
end

local seq = redis.call('INCR', keys.sequence)
redis.call('HSET', record, 'seq', int_str(seq), 'created_at', int_str(now), unpack(task.fields))
redis.call('SET', keys.input, blobs.input)
count_stored_bytes(#blobs.input)
for _, index in ipairs(keys.indexes) do
  redis.call('ZADD', index, int_str(seq), task.id)
end
for index, parent in ipairs(keys.parents) do
  if redis.call('EXISTS', parent) == 1 then -- it may have been deleted meanwhile
    redis.call('ZADD', keys.children[index], int_str(seq), task.id)
  end
end
redis.call('ZADD', keys.sweep_queue, int_str(now + task.sweep_after), task.id)
enqueue(now)
if keys.idempotency then
  redis.call('HSET', keys.idempotency, 'task', task.id, 'body', task.fingerprint)
end
if keys.same_body then
  redis.call('DEL', keys.same_body)
  redis.call('HSET', keys.same_body, 'task', task.id)
  if task.is_retry then
    redis.call('HSET', keys.same_body, 'retried_at', int_str(now))
  end
  redis.call('PEXPIRE', keys.same_body, int_str(task.join_ms))
end
publish(task.id, 'queued', '1', task.owner)
return { 'inserted', redis.call('HGETALL', record) }
