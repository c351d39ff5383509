--- Signs of life.
--- @use move load

local LOST = {}
local CANCELLED = {}

--- Who is declared dead can be recovered at once; a cancelled record is let go of by that.
local function touch(id, attempt, isAlive, report, progress)
  local record = opened(id)
  if not record or not holds(record, attempt) then
    LOST[#LOST + 1] = id
  elseif record.status == STATUS.running then
    local line = lineOf(record)
    if not line then return end
    beat(record, line, isAlive and instantOf(record) or DEAD)
    if report ~= '' then put(progress, id, report) end
  elseif isHeld(record) then
    local line = lineOf(record)
    if not line then return end
    CANCELLED[#CANCELLED + 1] = id
    if not isAlive then
      letGo(record, line)
    else
      beat(record, line, math.max(tonumber(record.beat), NOW))
    end
  else
    LOST[#LOST + 1] = id
  end
end
