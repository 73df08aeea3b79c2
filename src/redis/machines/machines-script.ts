// Letters between workers: each has a box, a list that only it empties, and a sign that it does so.
import type { RedisScript } from '../client.ts';

/** A letter that is older says nothing any more: who wrote it has asked again, or given up. */
export const LETTER_MS = 2_000;

/**
 * KEYS: the box, and the sign of whom it belongs to. ARGV: `look`, how many, ms that the sign stays (0 = none is set), age in ms of what
 * is passed over: answers how many there were, and those that are read. Or `put`, how many a box holds, ms that it stays, `sign` where
 * nobody writes to who shows none, the letter: answers 1 where it is in the box.
 */
export const MACHINES_SCRIPT: RedisScript = {
  name: 'hgMachines',
  lua: `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if ARGV[1] == 'put' then
  if ARGV[4] == 'sign' and redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
  if redis.call('LLEN', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
  redis.call('RPUSH', KEYS[1], string.format('%.0f', now) .. ' ' .. ARGV[5])
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
  return 1
end
if ARGV[3] ~= '0' then redis.call('SET', KEYS[2], '1', 'PX', ARGV[3]) end
local found = redis.call('LRANGE', KEYS[1], 0, ARGV[2] - 1)
if #found > 0 then redis.call('LTRIM', KEYS[1], #found, -1) end
local read = {}
for _, letter in ipairs(found) do
  local at = string.find(letter, ' ', 1, true)
  if now - tonumber(string.sub(letter, 1, at - 1)) < tonumber(ARGV[4]) then read[#read + 1] = string.sub(letter, at + 1) end
end
return { #found, read }
`,
};
