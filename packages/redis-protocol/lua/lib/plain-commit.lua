--- How the scripts for plain records write: all at the end, in one go in which nothing can fail, as the plan of the others. They know what they
--- write without looking it up, which costs a busy server a fraction.
--- @use clock skip-list

--- Entries of an index, which may be the first ones of many.
local function enterAll(key, entries, isNew)
  local isLong = becomesSkipList(entries, isNew)
  if isLong then redis.call('ZADD', key, '0', LONG_MEMBER) end
  redis.call('ZADD', key, unpack(entries))
  if isLong then redis.call('ZREM', key, LONG_MEMBER) end
end

--- New records, which may be the first ones that wait, with a marker where the line has none. A full server refuses the first write, and with it the others.
local function commitNew(records, texts, pending, entries, isFirst, wake, needsMarker, meta)
  redis.call('HSET', records, unpack(texts))
  enterAll(pending, entries, isFirst)
  if needsMarker then redis.call('ZADD', wake, '0', 'w') end
  if IS_MARK_DUE then redis.call('HSET', meta, 'mark', NOW_TEXT) end
end

--- What a turn completed (`ended` leave, `ends` enter) and claimed (up to the rank `lastTaken` they leave the front, `starts` enter where there may be
--- none before), the slot's memory, a marker where the line has more and none, and messages. `texts` are those of all its records.
local function commitTurn(turn)
  if #turn.texts > 0 then redis.call('HSET', turn.records, unpack(turn.texts)) end
  if #turn.starts > 0 then
    redis.call('ZREMRANGEBYRANK', turn.pending, '0', turn.lastTaken)
    -- Before others leave: a set that is empty for a moment is made anew.
    enterAll(turn.running, turn.starts, turn.isFirst)
    redis.call('HSET', turn.claims, turn.field, turn.memory)
  end
  if #turn.ended > 0 then
    redis.call('ZREM', turn.running, unpack(turn.ended))
    redis.call('ZADD', turn.completed, unpack(turn.ends))
  end
  if turn.needsMarker then redis.call('ZADD', turn.wake, '0', 'w') end
  for channel, message in pairs(turn.messages) do redis.call('PUBLISH', channel, message) end
  if #turn.texts > 0 and IS_MARK_DUE then redis.call('HSET', turn.meta, 'mark', NOW_TEXT) end
end
