-- Moves what was spent today from where the first version counted it into today's ledger.

local now = now_ms()
local field = int_str(math.floor(now / 86400000))
local spent = redis.call('HGET', keys.spending, field)
if spent then
  for _, scope in ipairs({ '*', '' }) do
    redis.call('HINCRBY', ledger_key(now), 'spent:' .. scope, spent)
  end
  redis.call('HDEL', keys.spending, field)
end
return 1
