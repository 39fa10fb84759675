-- Migrates one record from schema 1 and publishes that, unless it is migrated or changed meanwhile.
-- Keys and arguments: shared/store/migrations.py.
-- Returns 1 where nothing is left to do.

local record, migration = keys.record, args
local schema, version, seq, status, owner =
  unpack(redis.call('HMGET', record, 'schema', 'version', 'seq', 'status', 'owner'))

if schema ~= migration.from then
  return 1
end
if version ~= migration.version then
  return 0
end
for field, value in pairs(migration.set_fields) do
  redis.call('HSET', record, field, value)
end
redis.call('HSET', record, 'schema', migration.to)
for index, parent in ipairs(keys.parents) do
  if redis.call('EXISTS', parent) == 1 then
    redis.call('ZADD', keys.children[index], seq, migration.id)
  end
end
version = redis.call('HINCRBY', record, 'version', 1)
publish(migration.id, status, int_str(version), owner or '')
return 1
