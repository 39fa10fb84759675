-- Renames keys that an earlier version wrote; a key that exists under its new name stays.

for index, old in ipairs(keys.old) do
  if redis.call('EXISTS', old) == 1 then
    redis.call('RENAMENX', old, keys.new[index])
  end
end
return 1
