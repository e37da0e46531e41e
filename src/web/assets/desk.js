// Scripts of the lender's pages: what updates by itself, and keys.
