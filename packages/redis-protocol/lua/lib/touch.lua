--- Signs of life.
--- @use move load log

local LOST = {}
local CANCELLED = {}

--- Who is declared dead can be recovered at once; a cancelled record is let go of by that.
local function touch(id, attempt, isAlive, said, stores)
  local record = opened(id)
  if not record or not holds(record, attempt) then
    LOST[#LOST + 1] = id
  elseif record.status == STATUS.running then
    local line = lineOf(record)
    if not line then return end
    beat(record, line, isAlive and instantOf(record) or DEAD)
    if said.report ~= '' then put(stores.progress, id, said.report) end
    noteDown(record, stores.logs, said.log)
  elseif isHeld(record) then
    local line = lineOf(record)
    if not line then return end
    CANCELLED[#CANCELLED + 1] = id
    noteDown(record, stores.logs, said.log)
    if not isAlive then
      letGo(record, line)
    else
      beat(record, line, math.max(tonumber(record.beat), NOW))
    end
  else
    LOST[#LOST + 1] = id
  end
end
