-- Renames keys that an earlier version wrote; a key that exists under its new name stays.
-- KEYS: pairs of the old and the new name
-- Returns 1.

for index = 1, #KEYS, 2 do
  if redis.call('EXISTS', KEYS[index]) == 1 then
    redis.call('RENAMENX', KEYS[index], KEYS[index + 1])
  end
end
return 1
