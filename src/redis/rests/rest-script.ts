// What rests, over all nodes, in one Redis key: a sorted set of notes by the moment they end (ms of Redis's clock). A
// second key is its version, so that a look at an unchanged set reads nothing. Both go with the last note.
// Only commands of the list in docs/decisions/0005, which an ACL may name.

/**
 * KEYS: notes, version. ARGV: version known to the asker, notes there may be, then pairs of note and ms it lasts.
 * Answers the version and, unless the asker knows it, pairs of note and ms left. A note's end is never moved back.
 */
export const REST_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local changed = false
if #ARGV > 2 then
  local room = tonumber(ARGV[2]) - redis.call('ZCARD', KEYS[1])
  for at = 3, #ARGV, 2 do
    local ends = now + tonumber(ARGV[at + 1])
    local had = redis.call('ZSCORE', KEYS[1], ARGV[at])
    if (had and ends > tonumber(had)) or (not had and room > 0) then
      redis.call('ZADD', KEYS[1], ends, ARGV[at])
      if not had then room = room - 1 end
      changed = true
    end
  end
end
local version = redis.call('GET', KEYS[2]) or ''
if changed then version = time[1] .. '.' .. time[2] end
if version == ARGV[1] then return { version } end
local notes = redis.call('ZRANGEBYSCORE', KEYS[1], now, '+inf', 'WITHSCORES')
local answer = { version }
for at = 1, #notes, 2 do
  answer[at + 1] = notes[at]
  answer[at + 2] = math.ceil(notes[at + 1] - now)
end
if changed then
  local life = answer[#answer]
  redis.call('PEXPIRE', KEYS[1], life)
  redis.call('SET', KEYS[2], version, 'PX', life)
end
return answer
`;
