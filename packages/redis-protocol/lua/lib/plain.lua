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
--- Bytes of bodies that lie aside and are answered with their records. The Lua of a server looks at each byte of what it is given: more of them
--- take longer than another round trip, in which the client reads them without a script.
local MOST_ASIDE = 32768
local QUEUED_FROM = #PLAIN_NEW + 1
local QUEUED_TO = #PLAIN_NEW + INSTANT

--- Puts stored ids that stand one behind the other behind those of a list.
local function addIds(ids, joined)
  local before = #ids
  for place = 1, #joined / ID do ids[before + place] = string.sub(joined, (place - 1) * ID + 1, place * ID) end
  return ids
end

--- Whether this instant has the digits of all: records of another one are not plain.
local function isUsual() return #NOW_TEXT == INSTANT end

--- What follows the due time of a plain new record of a line: no deadline, not handed over, the line.
local function plainAfterQueued(name) return '\t\t\t' .. (name == DEFAULT_LINE and '' or name) .. '\t' end

--- What plain new records of a line begin with, up to their priority.
local function plainBeginning(instant, name) return PLAIN_NEW .. instant .. plainAfterQueued(name) end

--- The priority with which the rest of a plain record begins; empty for that of most.
local function priorityIn(rest)
  if string.byte(rest) == TAB then return '' end
  return string.match(rest, '^%-?%d*')
end

--- Whether a stored text is that of a plain record of a line which waits to be claimed for the first time.
local function isPlainNew(text, afterQueued)
  return text and string.find(text, PLAIN_NEW, 1, true) == 1 and string.find(text, afterQueued, QUEUED_TO + 1, true) == QUEUED_TO + 1
end

--- What a record begins with that a worker claims for the first time.
local function claimedBeginning(worker, started) return PLAIN_RUNNING .. '1\t' .. started .. '\t\t' .. worker .. '\t' end

--- Claims plain new records for a worker at an instant of the usual digits: a function from the text of one to what it is then, and since when;
--- nil if its due time has another form.
local function plainClaim(worker, instant)
  local usual = claimedBeginning(worker, instant)
  return function(text)
    local queued = string.sub(text, QUEUED_FROM, QUEUED_TO)
    if queued <= instant then return usual .. string.sub(text, QUEUED_FROM), instant end
    if not string.find(queued, '^%d+$') then return nil end
    return claimedBeginning(worker, queued) .. string.sub(text, QUEUED_FROM), queued
  end
end

--- What a text that begins like this up to its start begins with once it is completed; nil if it is none of this attempt's, or began later.
local function completedBeginning(start, before, instant)
  local since = string.sub(start, #before + 1)
  if #since < INSTANT or not string.find(since, '^%d+$') or string.sub(start, 1, #before) ~= before or since > instant then return nil end
  return PLAIN_ENDED .. string.sub(start, #PLAIN_RUNNING + 1) .. '\t' .. instant .. '\t\t'
end

--- Whether the record is of the line, as it says itself at the place of its due time: the engine knows only where it claimed it.
local function isOfLine(text, queuedFrom, name)
  local line = string.match(text, '^%d*\t%d*\t[^\t]*\t([^\t]*)\t', queuedFrom)
  return line == name or (line == '' and name == DEFAULT_LINE)
end

--- Completes plain records of a line that a worker runs at an attempt, at an instant of the usual digits and not before any heartbeat of the line:
--- a function from the text of one, and its outcome or nothing, to what it is then; nil if it is not a plain one that is to be completed.
local function plainCompletion(attempt, worker, name, instant)
  local before, holder, afterQueued = PLAIN_RUNNING .. attempt .. '\t', '\t\t' .. worker .. '\t', plainAfterQueued(name)
  local holderFrom = #before + INSTANT + 1
  local queuedFrom = holderFrom + #holder
  local lineFrom = queuedFrom + INSTANT
  --- Records that were started together begin alike.
  local last, beginning = nil, nil
  return function(text, outcome)
    local start = string.sub(text, 1, holderFrom - 1)
    if start ~= last then
      last = start
      beginning = completedBeginning(start, before, instant)
    end
    if not beginning or string.find(text, holder, holderFrom, true) ~= holderFrom then return nil end
    if string.find(text, afterQueued, lineFrom, true) ~= lineFrom and not isOfLine(text, queuedFrom, name) then return nil end
    local newline = string.find(text, '\n', queuedFrom, true)
    if not newline or string.byte(text, newline + 1) ~= NEWLINE then return nil end
    if outcome == '' then return beginning .. string.sub(text, queuedFrom) end
    return beginning .. string.sub(text, queuedFrom, newline) .. outcome .. string.sub(text, newline + 1)
  end
end
