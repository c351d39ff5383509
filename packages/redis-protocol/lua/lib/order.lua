--- The order in which records of a line are claimed.

--- One priority outweighs every difference between two times.
local PRIORITY_STEP = 1000000000000

--- `priority` may be empty, which is 0.
local function orderScore(queued, priority) return queued - (tonumber(priority) or 0) * PRIORITY_STEP end
