-- Sets an owner's marks on a task (title, pin, archive, read), which change nothing in its course.
-- Keys and arguments: shared/store/writes.py. What is so already is left, so it may be sent twice.
-- Returns the record, empty if there is no such task.

local record, marks, now = keys.record, args.marks, int_str(now_ms())
if redis.call('EXISTS', record) == 0 then
  return {}
end

local changed = false
local function set(field, value)
  redis.call('HSET', record, field, value)
  changed = true
end

if marks.title and marks.title ~= redis.call('HGET', record, 'title') then
  set('title', marks.title)
end
for mark, field in pairs({ pinned = 'pinned_at', archived = 'archived_at' }) do
  local is_set = redis.call('HEXISTS', record, field) == 1
  if marks[mark] == true and not is_set then
    set(field, now)
  elseif marks[mark] == false and is_set then
    redis.call('HDEL', record, field)
    changed = true
  end
end
local ended = redis.call('HGET', record, 'completed_at')
local read = redis.call('HGET', record, 'read_at')
if marks.read == true and ended and read and tonumber(read) < tonumber(ended) then
  set('read_at', now)
elseif marks.read == false and ended and read ~= '0' then
  set('read_at', '0')
end

for _, pins in ipairs(keys.pins) do
  if marks.pinned == true then
    redis.call('ZADD', pins, redis.call('HGET', record, 'seq'), args.id)
  elseif marks.pinned == false then
    redis.call('ZREM', pins, args.id)
  end
end
if changed then
  local version = redis.call('HINCRBY', record, 'version', 1)
  publish(args.id, redis.call('HGET', record, 'status'), int_str(version), args.owner)
end
return redis.call('HGETALL', record)
