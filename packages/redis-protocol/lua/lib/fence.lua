--- The fence: who may act on a record. Attempts are compared here and nowhere else.

--- An operator's explicit act is not fenced.
local UNFENCED = '*'

local function isUnfenced(attempt) return attempt == UNFENCED end

local function holds(record, attempt) return isUnfenced(attempt) or tonumber(attempt) == record.attempt end

--- Never claimed so far.
local function isFresh(record) return record.attempt == 0 end
