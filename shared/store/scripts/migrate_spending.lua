-- Moves what was spent today from where the first version counted it into today's ledger.
-- KEYS: spending

local now = now_ms()
local field = whole(math.floor(now / 86400000))
local spent = redis.call('HGET', KEYS[1], field)
if spent then
  for _, scope in ipairs({ '*', '' }) do
    redis.call('HINCRBY', ledger(KEYS[1], now), 'spent:' .. scope, spent)
  end
  redis.call('HDEL', KEYS[1], field)
end
return 1
