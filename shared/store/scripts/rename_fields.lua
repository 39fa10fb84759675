-- Renames the fields of records that an earlier version wrote, and marks those of schema 2, which
-- need nothing else, as migrated.
-- KEYS: records
-- ARGV: the schema to migrate to, then pairs of the old and the new name of a field
-- Returns the number of records that were marked.

local migrated = 0
for _, record in ipairs(KEYS) do
  local schema = tonumber(redis.call('HGET', record, 'schema') or ARGV[1])
  if schema < tonumber(ARGV[1]) then
    for index = 2, #ARGV, 2 do
      local value = redis.call('HGET', record, ARGV[index])
      if value then
        redis.call('HSET', record, ARGV[index + 1], value)
        redis.call('HDEL', record, ARGV[index])
      end
    end
    if schema == 2 then
      redis.call('HSET', record, 'schema', ARGV[1])
      migrated = migrated + 1
    end
  end
end
return migrated
