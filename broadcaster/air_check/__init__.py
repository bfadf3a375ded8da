"""The rolling record of the air: kept, cut, listened to."""
