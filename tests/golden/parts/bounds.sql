-- lock_timeout: a lock held elsewhere may delay this, not hold it.
SET lock_timeout = '«lock_timeout»'
-- timeout: a login is refused when it takes longer; statement_timeout does not bound it.
SET transaction_timeout = '«timeout»'
