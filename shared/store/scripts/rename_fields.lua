-- Renames the fields of records that an earlier version wrote, and marks those of schema 2, which
-- need nothing else, as migrated. Returns how many were marked.

local migrated = 0
for _, record in ipairs(keys.records) do
  local schema = tonumber(redis.call('HGET', record, 'schema') or args.schema)
  if schema < args.schema then
    for old, new in pairs(args.names) do
      local value = redis.call('HGET', record, old)
      if value then
        redis.call('HSET', record, new, value)
        redis.call('HDEL', record, old)
      end
    end
    if schema == 2 then
      redis.call('HSET', record, 'schema', int_str(args.schema))
      migrated = migrated + 1
    end
  end
end
return migrated
