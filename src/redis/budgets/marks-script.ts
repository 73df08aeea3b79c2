// budgets/marks.ts in Lua: one hash for each window of a budget. ARGV: nanodollars, refusals, amount, soft mark, ms to live.
export const MARKS_SCRIPT = `
local n = redis.call('HINCRBY', KEYS[1], 'n', ARGV[1])
local r = redis.call('HINCRBY', KEYS[1], 'r', ARGV[2])
local amount, soft = tonumber(ARGV[3]), tonumber(ARGV[4])
local softFired, hardFired = 0, 0
if n >= soft and amount > tonumber(redis.call('HGET', KEYS[1], 's') or '-1') then
  redis.call('HSET', KEYS[1], 's', ARGV[3])
  softFired = 1
end
local near = math.min(soft, amount * 0.8)
if (n >= amount or (tonumber(ARGV[2]) > 0 and n >= near)) and amount > tonumber(redis.call('HGET', KEYS[1], 'h') or '-1') then
  redis.call('HSET', KEYS[1], 'h', ARGV[3])
  hardFired = 1
end
if ARGV[5] ~= '0' then redis.call('PEXPIRE', KEYS[1], ARGV[5]) end
return { string.format('%.0f', n), r, softFired, hardFired }
`;
