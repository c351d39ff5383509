--- The plainest acts in a script that does others as well: they are written with the rest of its plan.
--- @use plain load ending read

--- That of this call, once it has claimed something.
local DIRECT_CLAIM = nil

local function listOf(lists, key)
  local list = lists[key]
  if not list then
    list = {}
    lists[key] = list
  end
  return list
end

--- Notes the text of a record, and its place in an index.
local function writeText(id, text, entering, score)
  local set = DIRECT.records
  set[#set + 1] = id
  set[#set + 1] = text
  TEXTS[id] = text
  entering[#entering + 1] = score
  entering[#entering + 1] = id
end

--- Before the first claim of a line.
local function startClaims(line)
  line.plain = plainAfterQueued(line.name)
  line.pendingOut = listOf(DIRECT.leaving, line.pending)
  line.runningIn = listOf(DIRECT.entering, line.running)
end

--- Makes a plain record running; answers its text, or nil if it is not plain.
local function claimDirectly(id, line, worker)
  local text = TEXTS[id]
  if not isUsual() or LOADED[id] ~= nil or not isPlainNew(text, line.plain) or liesAside(text) then return nil end
  DIRECT_CLAIM = DIRECT_CLAIM or plainClaim(worker, NOW_TEXT)
  local running, at = DIRECT_CLAIM(text)
  if not running then return nil end
  writeText(id, running, line.runningIn, at)
  line.pendingOut[#line.pendingOut + 1] = id
  return running, at
end

--- A group of completions at `at` in ARGV: attempt, line, ids one behind the other, how many outcomes follow, which are none if nothing was
--- returned, and these. Answers it and what comes behind it.
local function groupAt(at)
  local group = { attempt = ARGV[at], line = LINES[ARGV[at + 1]], ids = addIds({}, ARGV[at + 2]), shown = {} }
  local outcomes = tonumber(ARGV[at + 3])
  at = at + 4
  for place = 1, #group.ids do group.shown[place] = outcomes > 0 and ARGV[at + place - 1] or '' end
  return group, at + outcomes
end

--- Completes plain running records of one line and one attempt. Calls `other` with the place of each that is not plain.
local function completeDirectly(group, worker, other)
  local line, ids = group.line, group.ids
  local leaving, entering = listOf(DIRECT.leaving, line.running), listOf(DIRECT.entering, line.completed)
  CHECKED[line.running] = true
  local isPlain = not hasAbove(line.running, NOW_TEXT) and isUsual()
  local complete = plainCompletion(group.attempt, worker, line.name, NOW_TEXT)
  for place, id in ipairs(ids) do
    local text
    if isPlain and LOADED[id] == nil and TEXTS[id] then text = complete(TEXTS[id], group.shown[place]) end
    if text then
      writeText(id, text, entering, NOW_TEXT)
      leaving[#leaving + 1] = id
      ended(id)
    else
      other(place)
    end
  end
end
