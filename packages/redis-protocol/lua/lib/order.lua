--- The order in which records of a line are claimed.
--- @use clock

--- One priority outweighs every difference between two times.
local STRICT_STEP = 1000000000000

--- How much waiting outweighs one priority: what the namespace says, whoever calls, so that one of its indexes has one order.
local function priorityStep() return tonumber(AGING) or STRICT_STEP end

--- `priority` may be empty, which is 0.
local function orderScore(queued, priority)
  local levels = tonumber(priority) or 0
  if levels == 0 then return queued end
  return queued - levels * priorityStep()
end
