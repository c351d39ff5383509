--- Who last took a key, and for how long: what a field of `keys` says. It stays when that record ends, and some of it when the record is gone.
--- `keyexpiry` lists the keys whose window outlasts their record, by when it ends: nothing else leads to them.
--- @use load plan clock

--- The letter with which a record's key begins, where the key is the task's; the others are those of the namespace.
local OF_TASK = { t = true, u = true, w = true, f = true }

--- The same letter as another hold than a, active: u until the first start, w for a window, f for ever.
local HOLDS = { u = 'u', U = 'u', w = 'w', W = 'w', f = 'f', F = 'f' }

--- Who a key belongs to: the task, or nobody where it is the namespace's. nil without a key. Needs an opened record.
local function identityOf(record)
  if record.key == '' then return nil end
  local owner = OF_TASK[string.sub(record.key, 1, 1)] and record.task or ''
  return owner .. ' ' .. string.sub(record.key, 2)
end

local function holdOf(record) return HOLDS[string.sub(record.key, 1, 1)] or 'a' end

--- The id of the record, and where its hold is not `active`, a letter for that, when a window ends, and the task. nil if it is none of these.
local function reservationIn(text)
  if not string.find(text, '\t', 1, true) then return { id = text, hold = 'a', ends = 0, task = '' } end
  local id, hold, ends, task = string.match(text, '^([^\t]*)\t([uwf])\t(%d*)\t([^\t]*)$')
  return id and { id = id, hold = hold, ends = tonumber(ends) or 0, task = task }
end

--- Per identity who has taken it, where somebody has, and the ids of these records, which are loaded.
local function takenOf(keys, records, identities)
  local taken, ids = {}, {}
  for at, text in ipairs(readFields(keys, identities)) do
    local found = text and reservationIn(text)
    if found then
      taken[identities[at]] = found
      ids[#ids + 1] = found.id
    end
  end
  load(records, ids)
  return taken, ids
end

local function fieldOf(found)
  if found.hold == 'a' then return found.id end
  return found.id .. '\t' .. found.hold .. '\t' .. (found.hold == 'w' and found.ends or '') .. '\t' .. found.task
end

--- Whether it stays when its record is gone.
local function outlasts(found) return found.hold == 'w' or found.hold == 'f' end

local function isOver(found) return found.hold == 'w' and found.ends <= NOW end

--- Whether a record keeps others off by what it is: not by a window or for ever, which do not ask. Replayed, it does not take its key again.
local function holdsKey(record, hold)
  if hold == 'a' then return isActive(record) end
  return hold == 'u' and isQueued(record) and isFresh(record) and record.replays == 0
end

--- Whether others are kept off. Its record was loaded; one that cannot be read keeps nobody off.
local function blocks(found)
  if outlasts(found) then return not isOver(found) end
  local record = opened(found.id)
  return record and holdsKey(record, found.hold)
end

--- So that a sweep finds it.
local function list(keyexpiry, identity, found)
  if found.hold == 'w' then enter(keyexpiry, identity, found.ends) end
end

--- Of what is no longer there, or has its record.
local function unlist(keyexpiry, identity) leave(keyexpiry, identity) end

--- Whether a sweep finds it: its record, which was loaded, is gone.
local function isListed(found) return found.hold == 'w' and loaded(found.id) == nil end

--- Gives a key to a record. `before` is what was there.
local function take(stores, identity, found, before)
  put(stores.keys, identity, fieldOf(found))
  if before and isListed(before) then unlist(stores.keyexpiry, identity) end
end
