-- Deletes everything of a task except a tombstone that expires, or changes nothing.
-- Keys and arguments: shared/store/writes.py.
-- Returns what happened ('deleted', 'stale', 'missing'), the tombstone.

local deletion, record, tombstone = args, keys.record, keys.tombstone
local now = now_ms()

if redis.call('EXISTS', record) == 0 then
  -- The reply was lost and the script sent again, or another worker was faster.
  local left = redis.call('HGETALL', tombstone)
  return { #left > 0 and 'deleted' or 'missing', left }
end
if is_stale() then
  return { 'stale', {} }
end

for field, value in pairs(deletion.tombstone) do
  redis.call('HSET', tombstone, field, value)
end
redis.call('HSET', tombstone, 'deleted_at', int_str(now), 'until', int_str(now + deletion.retention_ms))
redis.call('PEXPIRE', tombstone, int_str(deletion.retention_ms))
redis.call('PEXPIRE', keys.idempotency, int_str(deletion.retention_ms))

local released = release_reservation(now)
if released and deletion.booking then
  record_spending(now, released)
end
local version = redis.call('HGET', record, 'version')
count_stored_bytes(-tonumber(redis.call('HGET', record, 'stored_bytes') or '0'))
redis.call('DEL', record, unpack(keys.texts))
redis.call('HDEL', keys.job_starts, deletion.id)
redis.call('ZREM', keys.sweep_queue, deletion.id)
for _, index in ipairs(keys.indexes) do
  redis.call('ZREM', index, deletion.id)
end
publish(deletion.id, 'deleted', int_str(version + 1), deletion.owner)

-- The change index names the deleted task as long as its tombstone exists, so that what is derived
-- from the store learns of the deletion. Each deletion prunes a few that expired.
redis.call('ZADD', keys.deleted, int_str(now + deletion.retention_ms), deletion.id)
for _, id in ipairs(redis.call('ZRANGEBYSCORE', keys.deleted, '-inf', int_str(now), 'LIMIT', 0, 10)) do
  local number = tonumber(redis.call('ZSCORE', keys.change_index, id) or '0')
  if number > tonumber(redis.call('GET', keys.pruned_upto) or '0') then
    redis.call('SET', keys.pruned_upto, int_str(number))
  end
  redis.call('ZREM', keys.change_index, id)
  redis.call('ZREM', keys.deleted, id)
end
return { 'deleted', redis.call('HGETALL', tombstone) }
