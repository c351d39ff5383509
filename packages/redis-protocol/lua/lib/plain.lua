--- Records of the plainest form, as texts that are changed without taking them apart: new ones that are due now, without key or deadline, then
--- claimed for the first time, then completed. What comes of it is the same as in the general way, which everything else takes.
--- @use record clock

local PLAIN_NEW = STATUS.pending .. EVENT.enqueue .. '\t0\t\t\t\t'
local PLAIN_RUNNING = STATUS.running .. EVENT.claim .. '\t'
local PLAIN_ENDED = STATUS.completed .. EVENT.complete .. '\t'
local TAB = 9
--- Characters of a stored id.
local ID = 22
--- Digits of an instant, as all are from 2001 to 2286.
local INSTANT = 13
local QUEUED_FROM = #PLAIN_NEW + 1
local QUEUED_TO = #PLAIN_NEW + INSTANT

--- Stored ids that stand one behind the other.
local function idsIn(joined)
  local ids = {}
  for place = 1, #joined / ID do ids[place] = string.sub(joined, (place - 1) * ID + 1, place * ID) end
  return ids
end

--- The instant of this call, as a record shows it.
local function instantText() return string.format('%.0f', NOW) end

--- What follows the due time of a plain new record of a line: no deadline, not handed over, the line.
local function plainAfterQueued(name) return '\t\t\t' .. (name == DEFAULT_LINE and '' or name) .. '\t' end

--- A plain new record. `rest` is everything behind its line.
local function plainText(instant, afterQueued, rest) return PLAIN_NEW .. instant .. afterQueued .. rest end

--- The priority with which the rest of a plain record begins; empty for that of most.
local function priorityIn(rest)
  if string.byte(rest) == TAB then return '' end
  return string.match(rest, '^%-?%d*')
end

--- Whether a stored text is that of a plain record of a line which waits to be claimed for the first time.
local function isPlainNew(text, afterQueued)
  return text and string.find(text, PLAIN_NEW, 1, true) == 1 and string.find(text, afterQueued, QUEUED_TO + 1, true) == QUEUED_TO + 1
end

--- So many characters that a text begins with. It gets another beginning by `gsub`, which copies the rest as it is: cut off and joined again the
--- rest would be a text of its own, and making one costs by its length, because the server's Lua looks at each byte of it.
local function firstOf(count) return '^' .. string.rep('.', count) end
local function asReplacement(text) return (string.gsub(text, '%%', '%%%%')) end

local PLAIN_NEW_BEGINNING = firstOf(#PLAIN_NEW)

--- What claims plain new records for a worker at an instant of the usual digits: by instant, what their texts begin with then.
local function plainClaim(worker, instant) return { worker = worker, instant = instant, beginnings = {} } end

--- The text of a plain new record once it is claimed, and since when; nil if its due time has another form.
local function claimedText(text, claim)
  local started, queued = claim.instant, string.sub(text, QUEUED_FROM, QUEUED_TO)
  if queued > started then
    if not string.find(queued, '^%d+$') then return nil end
    started = queued
  end
  local beginning = claim.beginnings[started]
  if not beginning then
    beginning = asReplacement(PLAIN_RUNNING .. '1\t' .. started .. '\t\t' .. claim.worker .. '\t')
    claim.beginnings[started] = beginning
  end
  return string.gsub(text, PLAIN_NEW_BEGINNING, beginning, 1), started
end

--- What completes plain records of a line that a worker runs at an attempt, at an instant of the usual digits and not before any heartbeat of the
--- line: by what their texts begin with up to their start, what they begin with then.
local function plainCompletion(attempt, worker, name, instant)
  local before, holder = PLAIN_RUNNING .. attempt .. '\t', '\t\t' .. worker .. '\t'
  local started = #before + INSTANT
  return {
    before = before, started = started, holder = holder, line = name, afterQueued = plainAfterQueued(name), instant = instant,
    beginnings = {}, beginning = firstOf(started + #holder),
  }
end

--- What texts of one beginning begin with once they are completed; false if they are none of this completion's, or began later.
local function completedBeginning(start, completion)
  local before, instant = completion.before, completion.instant
  local since = string.sub(start, #before + 1)
  if #since < INSTANT or not string.find(since, '^%d+$') or string.sub(start, 1, #before) ~= before or since > instant then return false end
  return PLAIN_ENDED .. string.sub(start, #PLAIN_RUNNING + 1) .. '\t' .. instant .. '\t\t'
end

--- Whether a record is run by the completion's worker and is of its line: the engine knows where it claimed it, and the text where it is.
local function isHeldIn(text, completion)
  local at = completion.started + 1
  if string.find(text, completion.holder, at, true) ~= at then return false end
  local queued = at + #completion.holder
  if string.find(text, completion.afterQueued, queued + INSTANT, true) == queued + INSTANT then return true end
  local line = string.match(text, '^%d*\t%d*\t[^\t]*\t([^\t]*)\t', queued)
  return line == completion.line or (line == '' and completion.line == DEFAULT_LINE)
end

--- The text of a record once it is completed; nil if it is not a plain one that is the completion's.
local function completedText(text, completion, outcome)
  if not text then return nil end
  local start = string.sub(text, 1, completion.started)
  local beginning = completion.beginnings[start]
  if beginning == nil then
    beginning = completedBeginning(start, completion)
    completion.beginnings[start] = beginning
  end
  local newline = beginning and isHeldIn(text, completion) and string.find(text, '\n', completion.started, true)
  if not newline or string.byte(text, newline + 1) ~= NEWLINE then return nil end
  if outcome == '' then return (string.gsub(text, completion.beginning, beginning, 1)) end
  return (string.gsub(text, completion.beginning .. '([^\n]*\n)', beginning .. '%1' .. asReplacement(outcome), 1))
end
