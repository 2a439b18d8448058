//! Two simulated Elasticsearch clusters behind the transport trait, and the same two on loopback HTTP.
