-- Removes all that is kept of a task, and leaves a tombstone for a while; or changes nothing at all.
-- KEYS: record, tombstone, idempotency (the tombstone again if there is none), input, response,
--       children, task of the response, due, starts, spending, reserved, waiting, queue, deleted,
--       forgotten, changes, changed, events, then every index that names the task
-- ARGV: the deletion (JSON)
-- Returns what happened ('deleted', 'stale', 'missing'), the tombstone.

local record, tombstone, key, input, response, children, task_of, due, starts, spending,
  reserved, waiting, queue, deleted, forgotten, changes, changed, events = unpack(KEYS)
local deletion = cjson.decode(ARGV[1])
local now = now_ms()

if redis.call('EXISTS', record) == 0 then
  -- The reply was lost and the script sent again, or another worker was faster.
  local left = redis.call('HGETALL', tombstone)
  return { #left > 0 and 'deleted' or 'missing', left }
end
for field, value in pairs(deletion.expect) do
  if redis.call('HGET', record, field) ~= value then
    return { 'stale', {} }
  end
end

for field, value in pairs(deletion.put) do
  redis.call('HSET', tombstone, field, value)
end
redis.call('HSET', tombstone, 'deleted_at', whole(now), 'until', whole(now + deletion.kept))
redis.call('PEXPIRE', tombstone, whole(deletion.kept))
redis.call('PEXPIRE', key, whole(deletion.kept))

local released = release(record, reserved, waiting, queue, deletion.owner, now)
if released and deletion.booking then
  book(record, spending, now, deletion.owner, deletion.booking, released)
end
local version = redis.call('HGET', record, 'version')
redis.call('DEL', record, input, response, children, task_of)
redis.call('HDEL', starts, deletion.id)
redis.call('ZREM', due, deletion.id)
for index = 19, #KEYS do
  redis.call('ZREM', KEYS[index], deletion.id)
end
tell(changes, changed, events, deletion.id, 'deleted', whole(version + 1), deletion.owner)

-- Whatever is derived from the store learns of the deletion as of any change, for as long as there
-- is a tombstone. Each deletion clears away a few of the oldest, so none stay for ever.
redis.call('ZADD', deleted, whole(now + deletion.kept), deletion.id)
for _, id in ipairs(redis.call('ZRANGEBYSCORE', deleted, '-inf', whole(now), 'LIMIT', 0, 10)) do
  local number = tonumber(redis.call('ZSCORE', changed, id) or '0')
  if number > tonumber(redis.call('GET', forgotten) or '0') then
    redis.call('SET', forgotten, whole(number))
  end
  redis.call('ZREM', changed, id)
  redis.call('ZREM', deleted, id)
end
return { 'deleted', redis.call('HGETALL', tombstone) }
