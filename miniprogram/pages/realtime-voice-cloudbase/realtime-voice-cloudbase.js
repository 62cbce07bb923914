const CloudBaseSocketIOClient = require('../../utils/cloudbase-socketio-client');
