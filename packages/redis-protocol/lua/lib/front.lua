--- The front of a line in execution order.
--- @use load before

--- The front of a line with scores, as it is going to be after what this call has planned so far.
local function plannedFront(line, want)
  local planned = INDEX[line.pending] or {}
  local stored = redis.call('ZRANGE', line.pending, 0, want - 1, 'WITHSCORES')
  local entries = {}
  for at = 1, #stored, 2 do
    if planned[stored[at]] == nil then entries[#entries + 1] = { id = stored[at], score = tonumber(stored[at + 1]) } end
  end
  for id, score in pairs(planned) do
    if score then entries[#entries + 1] = { id = id, score = score } end
  end
  table.sort(entries, precedes)
  local ids, scores = {}, {}
  for at, entry in ipairs(entries) do
    ids[at] = entry.id
    scores[at] = entry.score
  end
  return { ids = ids, scores = scores, isCut = #stored == want * 2, want = want, done = 0 }
end

--- The ids at the front of a line in execution order. `done` of them have been dealt with.
local function frontOf(line, want, needsScores)
  CHECKED[line.pending] = true
  if needsScores or INDEX[line.pending] then return plannedFront(line, want) end
  local ids = redis.call('ZRANGE', line.pending, 0, want - 1)
  return { ids = ids, isCut = #ids == want, want = want, done = 0 }
end
