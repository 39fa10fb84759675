-- Brings one record up to date and tells of it, unless somebody has done so, or moved it, meanwhile.
-- KEYS: record, changes, changed, events, then the record and the children of each parent
-- ARGV: the upgrade (JSON)
-- Returns 1 where nothing of it is left to do.

local record, changes, changed, events = unpack(KEYS)
local upgrade = cjson.decode(ARGV[1])
local schema, version, seq, status, owner =
  unpack(redis.call('HMGET', record, 'schema', 'version', 'seq', 'status', 'owner'))

if schema ~= upgrade.from then
  return 1
end
if version ~= upgrade.version then
  return 0
end
for field, value in pairs(upgrade.put) do
  redis.call('HSET', record, field, value)
end
redis.call('HSET', record, 'schema', upgrade.to)
for index = 5, #KEYS, 2 do
  if redis.call('EXISTS', KEYS[index]) == 1 then
    redis.call('ZADD', KEYS[index + 1], seq, upgrade.id)
  end
end
version = redis.call('HINCRBY', record, 'version', 1)
tell(changes, changed, events, upgrade.id, status, whole(version), owner or '')
return 1
